/** Calibration without data: conversations that a model has with itself about pictures that show nothing of the world. */
package dev.kogata.onnx.selfcalibration;
