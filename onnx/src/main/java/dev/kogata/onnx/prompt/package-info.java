/** What the model sees of a conversation: the bundle's own tokenizer, chat template and image preprocessor. */
package dev.kogata.onnx.prompt;
