//! An emulated Alibaba Cloud over real HTTP: CS, RAM, IMS, STS, SLS, EventBridge delivery and Function Compute invocation.
