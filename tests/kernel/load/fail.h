/*
 * How a load program ends when a call of the system fails: fail("send") says why on stderr and exits with 1.
 */
#ifndef CGSENTRY_LOAD_FAIL_H
#define CGSENTRY_LOAD_FAIL_H

#include <stdio.h>
#include <stdlib.h>

static inline void fail(const char *what)
{
	perror(what);
	exit(1);
}

#endif
