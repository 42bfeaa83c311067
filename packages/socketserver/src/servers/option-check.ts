/** Which values an option may have. */
export interface OptionCheck {
  readonly allows: (value: unknown) => boolean
  /** Completes the sentence "the option must be …". */
  readonly description: string
}

/** Node's timers fire at once if they are set to more milliseconds than this. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The kernel takes the length of a queue as a number of 32 bits. */
const LARGEST_COUNT = 2 ** 31 - 1

export const boolean: OptionCheck = {
  allows: (value) => typeof value === 'boolean',
  description: 'true or false',
}

export const object: OptionCheck = {
  allows: (value) => typeof value === 'object' && value !== null,
  description: 'an object',
}

export const strings: OptionCheck = {
  allows: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  description: 'an array of strings',
}

export const count: OptionCheck = {
  allows: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LARGEST_COUNT,
  description: `a whole number from 1 to ${LARGEST_COUNT}`,
}

export const countOrInfinity: OptionCheck = {
  allows: (value) => value === Number.POSITIVE_INFINITY || count.allows(value),
  description: `${count.description}, or Infinity`,
}

export function milliseconds(least: number): OptionCheck {
  return {
    allows: (value) => typeof value === 'number' && value >= least && value <= LONGEST_TIMER,
    description: `a number of milliseconds from ${least} to ${LONGEST_TIMER}`,
  }
}

/** An object whose values are positive numbers. */
export function limits(...names: string[]): OptionCheck {
  return {
    allows: (value) =>
      object.allows(value) &&
      Object.entries(value as object).every(([name, limit]) => names.includes(name) && limit > 0),
    description: `an object of positive numbers with the names ${names.join(', ')}`,
  }
}

export function oneOf(...values: string[]): OptionCheck {
  return { allows: (value) => values.includes(value as string), description: values.join(' or ') }
}
