/** How much a tenant may have at once. */
package dev.kogata.orchestrator.quota;
