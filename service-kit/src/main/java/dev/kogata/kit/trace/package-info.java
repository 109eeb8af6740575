/** Traces across calls, tasks and events. */
package dev.kogata.kit.trace;
