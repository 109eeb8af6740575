# pip install onnxruntime transformers jinja2        python serve.py DIR/bundle "What is on the table?"
import sys
import numpy as np
import onnxruntime as ort
from transformers import AutoTokenizer

bundle, question = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(bundle)
*embed, decoder = (ort.InferenceSession(f"{bundle}/{file}", providers=["CPUExecutionProvider"]) for file in (FILES))
inputs, outputs = {i.name: i for i in decoder.get_inputs()}, [o.name for o in decoder.get_outputs()]
types = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}


def nothing(i, first):
    "No tokens in the cache yet, no pictures in the question; what the graph leaves open at the end is the size of a head."
    return np.zeros([size if isinstance(size, int) else first if axis == 0 else HEAD if axis == 3 else 0 for axis, size in enumerate(i.shape)], types[i.type])


# Packed caches are small integers, with their scales beside them; whatever they are, they are handed on as they come.
cache = {name: nothing(i, 1) for name, i in inputs.items() if name.startswith("past_key_values")}
pictures = {i.name: nothing(i, 0) for session in embed for i in session.get_inputs() if i.name != "input_ids"}
prompt = tokenizer.apply_chat_template([{"role": "user", "content": [{"type": "text", "text": question}]}], add_generation_prompt=True, tokenize=False)
tokens = np.array([tokenizer(prompt, add_special_tokens=False)["input_ids"]], np.int64)
length, answer = 0, []
while len(answer) < 64 and tokenizer.eos_token_id not in answer:
    before, length = length, length + tokens.shape[1]
    feed = {"input_ids": tokens, "attention_mask": np.ones((1, length), np.int64), "position_ids": np.arange(before, length)[None], "use_cache_branch": np.array([before > 0]), **cache}
    for session in embed:
        feed["inputs_embeds"] = session.run(None, {"input_ids": tokens, **pictures})[0].astype(types[inputs["inputs_embeds"].type])
    result = dict(zip(outputs, decoder.run(outputs, {name: value for name, value in feed.items() if name in inputs})))
    cache = {name: result[name.replace("past_key_values", "present")] for name in cache}
    tokens = result["logits"][:, -1:].argmax(-1)
    answer.append(int(tokens[0, 0]))
print(tokenizer.decode(answer, skip_special_tokens=True))
