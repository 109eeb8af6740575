/** Black-box search: parameters, samplers that are asked and told, Parzen estimators, and the search for a compression plan. */
package dev.kogata.core.search;
