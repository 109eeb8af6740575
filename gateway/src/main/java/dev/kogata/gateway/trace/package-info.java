/** Requests in traces. */
package dev.kogata.gateway.trace;
