/** Quantized key and value caches: widths, packing, scales, key factors. */
package dev.kogata.core.cache;
