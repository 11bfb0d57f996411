// How long a call to AWS may take: one that hangs must not eat a door's time limit.

export const requestHandler = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true }
