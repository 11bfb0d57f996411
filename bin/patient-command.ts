// A command that says what is wrong with its words so that it is read: after its usage, last, and a misspelt option before one that is missing.

import { Command, type ErrorOptions, type Option } from 'commander'

export class PatientCommand extends Command {
  /** Commander's own, which its types leave out: refuses the word and names the nearest. */
  declare readonly unknownOption: (flag: string) => void
  private unknownWords: readonly string[] = []

  override createCommand(name?: string): Command {
    return new PatientCommand(name)
  }

  override parseOptions(argv: string[]) {
    const parsed = super.parseOptions(argv)
    this.unknownWords = parsed.unknown
    return parsed
  }

  /** Of two mistakes the one that was made: what is missing may well be what is misspelt. */
  missingMandatoryOptionValue({ flags }: Option): never {
    const [misspelt] = this.unknownWords
    if (misspelt !== undefined) this.unknownOption(misspelt)
    return this.error(`error: required option '${flags}' not specified`, {
      code: 'commander.missingMandatoryOptionValue',
    })
  }

  /** The whole help would push the error off the screen. */
  override error(message: string, options?: ErrorOptions): never {
    const path: string[] = []
    for (let one: Command | null = this; one !== null; one = one.parent) path.unshift(one.name())
    const name = path.join(' ')
    this.configureOutput().writeErr?.(`usage: ${name} ${this.usage()}\n${name} --help tells more.\n`)
    return super.error(message, options)
  }
}
