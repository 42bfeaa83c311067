import { deserialize, serialize } from 'node:v8'

/** Clones a value as the channel to a child does. `structuredClone` can clone more, for example a `Blob`. */
export function serializedClone<Value>(value: Value): Value {
  return deserialize(serialize(value)) as Value
}
