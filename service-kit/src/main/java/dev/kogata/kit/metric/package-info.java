/** Numbers for Prometheus. */
package dev.kogata.kit.metric;
