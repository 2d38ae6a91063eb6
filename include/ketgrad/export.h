/* SPDX-License-Identifier: Apache-2.0 */
/* What a declaration of the public interface carries: visibility, checked results, formats. */
#ifndef KETGRAD_EXPORT_H
#define KETGRAD_EXPORT_H

#if defined(__GNUC__)
#    define KG_API __attribute__((visibility("default")))
#    define KG_MUST_CHECK __attribute__((warn_unused_result))
#    define KG_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#    define KG_API
#    define KG_MUST_CHECK
#    define KG_PRINTF(text, first)
#endif

#endif
