/** Exact bytes of a compressed model, and plans that use a byte budget up to the last row. */
package dev.kogata.core.budget;
