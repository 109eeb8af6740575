/** Reading and editing ONNX graphs: who writes and reads a name, and new nodes in between. */
package dev.kogata.onnx.graph;
