//! Alibaba Cloud client: signatures, CS, RAM, IMS, STS and SLS.
