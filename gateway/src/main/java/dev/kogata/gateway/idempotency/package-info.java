/** Requests that came before, known by the key that their client chose. */
package dev.kogata.gateway.idempotency;
