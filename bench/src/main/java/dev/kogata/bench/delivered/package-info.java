/** What searches deliver at the same bytes: Kogata's, the paper's, and what one could do by hand. */
package dev.kogata.bench.delivered;
