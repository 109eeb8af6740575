/** Talks to a gateway as any user's program would: REST, tus uploads, server-sent events, downloads. */
package dev.kogata.standalone.client;
