/** Bundles: models as folders of ONNX files, found by structure and read within limits. */
package dev.kogata.onnx.bundle;
