/*
 * A course over time, as words of a command line: "0:20 60:80 300:80" is 20 at the start, rises to
 * 80 within a minute and stays there until second 300. Between two points it is a straight line;
 * two points at one time are a jump. It ends at its last point.
 *
 * Owns the words' meaning, for the load programs that follow one. Bounded by kCoursePoints.
 */
#ifndef CGSENTRY_LOAD_COURSE_H
#define CGSENTRY_LOAD_COURSE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { kCoursePoints = 200 };

struct course {
	int count;
	double at_s[kCoursePoints];
	double value[kCoursePoints];
};

static inline double now_s(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

/* Says when the load begins, in the time of /proc/uptime. */
static inline void print_begin(void)
{
	printf("begin %.3f\n", now_s());
	fflush(stdout);
}

static inline struct course read_course(char **words)
{
	struct course course = {};

	for (; *words && course.count < kCoursePoints; words++) {
		if (sscanf(*words, "%lf:%lf", &course.at_s[course.count],
			   &course.value[course.count]) != 2) {
			fprintf(stderr, "not SECONDS:VALUE: %s\n", *words);
			exit(2);
		}
		course.count++;
	}
	if (course.count == 0)
		exit(2);
	return course;
}

static inline double course_length_s(const struct course *course)
{
	return course->at_s[course->count - 1];
}

static inline double course_value(const struct course *course, double at_s)
{
	for (int i = course->count - 1; i >= 0; i--) {
		double length;

		if (at_s < course->at_s[i])
			continue;
		if (i == course->count - 1)
			return course->value[i];
		length = course->at_s[i + 1] - course->at_s[i];
		return course->value[i] + (course->value[i + 1] - course->value[i]) *
						  (at_s - course->at_s[i]) / length;
	}
	return course->value[0];
}

#endif
