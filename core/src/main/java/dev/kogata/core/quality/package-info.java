/** How far a compressed model's answers are from the dense model's: divergence, likelihood and exactness. */
package dev.kogata.core.quality;
