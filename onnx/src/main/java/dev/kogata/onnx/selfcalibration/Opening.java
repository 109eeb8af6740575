package dev.kogata.onnx.selfcalibration;

/** Where the words come from that a user is made to say, the best first: not every model has learned to speak as a user. */
enum Opening {
    /** Drawn from the model where a user's words stand. */
    USER,
    /** Drawn from the model where its answer to an empty question stands. */
    ANSWER,
    /** Tokens of its vocabulary, at random: to some of them most models have an answer. */
    VOCABULARY
}
