package dev.kogata.core.search;

import java.util.List;

class RandomSamplerTest extends SamplerContract {

    @Override
    Sampler sampler(List<Parameter> parameters, long seed) {
        return new RandomSampler(parameters, seed);
    }
}
