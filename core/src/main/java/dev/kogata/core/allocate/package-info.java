/** How a mean sparsity is spread over layers: fixed rules, random, and the exact minimum of measured sensitivities. */
package dev.kogata.core.allocate;
