package dev.kogata.core.search;

import java.util.List;

class UnivariateTpeSamplerTest extends SamplerContract {

    @Override
    Sampler sampler(List<Parameter> parameters, long seed) {
        return TpeSampler.univariate(parameters, seed);
    }
}
