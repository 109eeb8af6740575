/** As many workers as there is work: what autoscalers ask, and what becomes of workers that are gone. */
package dev.kogata.orchestrator.scale;
