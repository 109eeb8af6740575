/** Solves weights on what their inputs are: banks for a search, final weights layer after layer. */
package dev.kogata.onnx.solve;
