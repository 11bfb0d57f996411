// Sudden death for tests: the process that runs a handler ends at its k-th call of a port, just before or just after the call took effect.

/** What the caller of a dead process sees: nothing was answered. */
export class Killed extends Error {
  constructor() {
    super('The process was killed.')
    this.name = 'Killed'
  }
}

export type Moment = 'before' | 'after'

/** Burns down with every asynchronous call of a port, over all runs that share it; kills once. */
export interface Fuse {
  readonly k: number
  readonly when: Moment
  burned: number
  /** The call at which it went off, e.g. `orders.save`. */
  blownAt: string | undefined
}

export function fuse(k: number, when: Moment): Fuse {
  return { k, when, burned: 0, blownAt: undefined }
}

/** Methods of ports that answer at once: nothing can happen in between. */
const immediate: ReadonlySet<string> = new Set(['now', 'line', 'key', 'encode'])

interface Process {
  dead: boolean
}

/** Ports for one run of a handler; after its death no call of that run has an effect any more. */
function dyingDeps<Deps extends object>(deps: Deps, burning: Fuse, process: Process): Deps {
  const asked = (name: string, call: () => unknown) => {
    if (process.dead) return Promise.reject(new Killed())
    burning.burned += 1
    if (burning.burned !== burning.k) return call()
    burning.blownAt = name
    process.dead = true
    if (burning.when === 'before') return Promise.reject(new Killed())
    return Promise.resolve(call()).then(
      () => Promise.reject(new Killed()),
      () => Promise.reject(new Killed()),
    )
  }
  const portOf = (name: string, port: object) =>
    new Proxy(port, {
      get(target, key) {
        const value = Reflect.get(target, key)
        if (typeof value !== 'function' || immediate.has(String(key))) return value
        return (...args: readonly unknown[]) =>
          asked(`${name}.${String(key)}`, () => Reflect.apply(value, target, args) as unknown)
      },
    })
  return new Proxy(deps, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      const name = String(key)
      if (typeof value === 'function')
        return (...args: readonly unknown[]) => asked(name, () => Reflect.apply(value, target, args) as unknown)
      return typeof value === 'object' && value !== null ? portOf(name, value) : value
    },
  })
}

/** Runs a handler on dying ports. A process that died has not answered, whatever its code made of the errors that it saw. */
export async function runUntilDeath<Deps extends object, T>(
  deps: Deps,
  burning: Fuse,
  act: (deps: Deps) => Promise<T>,
): Promise<T> {
  const process: Process = { dead: false }
  try {
    const answer = await act(dyingDeps(deps, burning, process))
    if (process.dead) throw new Killed()
    return answer
  } catch (error) {
    throw process.dead ? new Killed() : error
  }
}
