// Progress of anything that takes longer than a second: a line that lives on a terminal, plain lines elsewhere.

import { colours as pc } from './colours.ts'

export interface Progress {
  begin(what: string): void
  done(what: string, milliseconds: number): void
  note(text: string): void
}

/** Writes to stderr, so that stdout stays for results. */
export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const lives = stream.isTTY === true
  let shownFor: NodeJS.Timeout | undefined
  const clear = () => {
    if (shownFor !== undefined) clearInterval(shownFor)
    shownFor = undefined
    if (lives) stream.write('\r\x1b[2K')
  }
  return {
    begin(what) {
      clear()
      const began = performance.now()
      const show = () => {
        const seconds = ((performance.now() - began) / 1_000).toFixed(1)
        stream.write(
          lives ? `\r\x1b[2K${pc.dim('…')} ${what} ${pc.dim(`${seconds} s`)}` : `  … ${what} (${seconds} s)\n`,
        )
      }
      if (lives) show()
      shownFor = setInterval(show, lives ? 100 : 2_000)
      shownFor.unref()
    },
    done(what, milliseconds) {
      clear()
      stream.write(
        `${pc.green('✓')} ${what.padEnd(64)} ${pc.dim(`${(milliseconds / 1_000).toFixed(2).padStart(6)} s`)}\n`,
      )
    },
    note(text) {
      clear()
      stream.write(`${text}\n`)
    },
  }
}
