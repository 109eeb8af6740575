# pip install onnxruntime transformers jinja2        python serve.py DIR/bundle "What is on the table?"
import sys
import numpy as np
import onnxruntime as ort
from transformers import AutoTokenizer

bundle, question = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(bundle)
embed, decoder = (ort.InferenceSession(f"{bundle}/{file}", providers=["CPUExecutionProvider"]) for file in ("EMBED", "DECODER"))
inputs, outputs = {i.name: i for i in decoder.get_inputs()}, [o.name for o in decoder.get_outputs()]
types = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}
# Nothing is cached yet: one sequence of no tokens. Packed caches are uint8, with their scales beside them.
cache = {name: np.zeros([1 if axis == 0 else size if isinstance(size, int) else 0 for axis, size in enumerate(i.shape)], types[i.type])
         for name, i in inputs.items() if name.startswith("past_key_values")}
prompt = tokenizer.apply_chat_template([{"role": "user", "content": [{"type": "text", "text": question}]}], add_generation_prompt=True, tokenize=False)
tokens = np.array([tokenizer(prompt, add_special_tokens=False)["input_ids"]], np.int64)
length, answer = 0, []
while len(answer) < 64 and tokenizer.eos_token_id not in answer:
    length += tokens.shape[1]
    feed = {"inputs_embeds": embed.run(None, {"input_ids": tokens})[0], "attention_mask": np.ones((1, length), np.int64),
            "position_ids": np.arange(length - tokens.shape[1], length)[None], **cache}
    result = dict(zip(outputs, decoder.run(outputs, {name: value for name, value in feed.items() if name in inputs})))
    cache = {name: result[name.replace("past_key_values", "present")] for name in cache}
    tokens = result["logits"][:, -1:].argmax(-1)
    answer.append(int(tokens[0, 0]))
print(tokenizer.decode(answer, skip_special_tokens=True))
