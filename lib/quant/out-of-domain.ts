// One way for a kernel to refuse an argument: never a silent NaN.
import { HomeostatError } from '../base/homeostat-error.ts'

/**
 * The error of an argument outside of a kernel's documented domain: code `out-of-domain`, the arguments as facts, the
 * rule as hint.
 */
export function outOfDomain(
  kernel: string,
  rule: string,
  facts: Readonly<Record<string, string | number | boolean>>,
): HomeostatError {
  return new HomeostatError('out-of-domain', {
    message: `${kernel} is not defined for these arguments.`,
    retry: 'never',
    facts: { kernel, ...facts },
    hint: rule,
  })
}
