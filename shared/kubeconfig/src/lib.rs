//! The pure core: events, decisions and the status of kubeconfigs.
