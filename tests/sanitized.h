/* SPDX-License-Identifier: Apache-2.0 */
/* 1 in builds with the address sanitizer, where long tests take fewer samples. */
#ifndef TESTS_SANITIZED_H
#define TESTS_SANITIZED_H

#ifdef __has_feature
#    if __has_feature(address_sanitizer)
#        define SANITIZED 1
#    endif
#endif
#if !defined(SANITIZED) && defined(__SANITIZE_ADDRESS__)
#    define SANITIZED 1
#endif
#ifndef SANITIZED
#    define SANITIZED 0
#endif

#endif
