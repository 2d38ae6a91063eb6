/* SPDX-License-Identifier: Apache-2.0 */
/* Files made from words: a table says how the bytes of a file come about, and this does it. */
#ifndef CORPUS_BYTES_H
#define CORPUS_BYTES_H

#include <stddef.h>

typedef struct bytes {
    unsigned char *data;
    size_t n;
    size_t n_header; /* of a model file: bytes of its JSON header; follows edits inside it */
    /* of a zip file: members that are complete, and where the one in work begins */
    struct {
        char name[64];
        size_t start, n_packed, n_plain;
        unsigned crc;
        int deflated;
    } members[8];
    int n_members;
} bytes;

void bytes_clear(bytes *b);
void bytes_copy(bytes *to, const bytes *from);

/* Applies one line of a table, "text 1,2\n". NULL, or what is wrong with the line. The words:
 *
 *   text T        appends T, in which \n \r \t \\ \xNN are what they are in C
 *   repeat N T    appends T N times
 *   le16 N  le32 N  le64 N  be16 N  be32 N  f64 X    appends a number
 *   cut N         keeps the first N bytes; a negative N drops that many at the end
 *   put AT T      writes T over what stands there; a negative AT counts from the end
 *   drop AT N     removes N bytes
 *   swap T => U   replaces the first T by U; there must be one
 *   header T      a model file's length and header T, padded to a multiple of 8
 *   seal          its length, padding and digest made right again
 *   length N      its length made N, whatever is right
 *   utf16         every byte becomes two, a byte order mark before them
 *   gzip          packs everything
 *   member N      a zip file: what was appended since the last member is file N; "member N deflated"
 *   directory     its central directory, with all members
 */
const char *bytes_edit(bytes *b, const char *line);

#endif
