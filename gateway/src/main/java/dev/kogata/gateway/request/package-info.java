/** Jobs that are asked for by events: takes them from {@code kogata.requests}, fetches what they name, starts the job. */
package dev.kogata.gateway.request;
