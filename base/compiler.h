/* compiler: the attributes we use, under names that read as a sentence. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
