// The one place that names the test framework's header, so that a move to Catch2 3 is one line.
#pragma once

#ifdef __clang__
#pragma clang system_header
#else
#pragma GCC system_header
#endif
#include <catch2/catch.hpp>
