/** Many workers and jobs on the real task table. */
package dev.kogata.bench.scale;
