/** The most connections that may share one file (`segments`). */
export const MAX_SEGMENTS = 16

/** The most connections that may share the files of a tree (`connections`). More of them would only take turns. */
export const MAX_CONNECTIONS = 64
