/** Which weights die: scores of the methods, masks with exact counts, level maps for elastic weights. */
package dev.kogata.core.prune;
