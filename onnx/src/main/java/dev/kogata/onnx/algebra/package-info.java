/** Dense linear algebra by a tuned library, for the algorithms of {@code dev.kogata.core.prune}. */
package dev.kogata.onnx.algebra;
