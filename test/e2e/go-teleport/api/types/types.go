// Package types has what Teleport's reader and verifier of Kubernetes' tokens need of Teleport's own module of this name.
// No version of that module that fits them can be had from a registry.
package types

// KubernetesJoinType says how a token of Kubernetes is verified.
type KubernetesJoinType string

const (
	KubernetesJoinTypeInCluster  KubernetesJoinType = "in_cluster"
	KubernetesJoinTypeStaticJWKS KubernetesJoinType = "static_jwks"
)
