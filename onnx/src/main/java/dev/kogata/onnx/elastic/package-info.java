/** The elastic graph: one decoder whose pruning and cache widths are inputs, and the session that runs it. */
package dev.kogata.onnx.elastic;
