"""Bayesian random-effects meta-analysis by quadrature."""
