/** Who calls, for which tenant, and what is written down of it. */
package dev.kogata.gateway.identity;
