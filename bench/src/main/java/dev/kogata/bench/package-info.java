/** Measurements of core's algorithms, in pairs whose answers are checked. */
package dev.kogata.bench;
