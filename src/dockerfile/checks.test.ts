import { describe, expect, it } from 'vitest'
import { type CheckOptions, checkDockerfile, parseDockerfile } from './index.ts'

function check(text: string, options: CheckOptions = {}): string[] {
  return checkDockerfile(parseDockerfile(text), options).warnings.map(
    ({ startLine, rule, message }) => `${startLine} ${rule}: ${message}`,
  )
}

const ignore = {
  exceptions: false,
  patterns: ['secret'],
  excludes: (path: string) => path === 'secret',
}

describe('checkDockerfile', () => {
  it.each<[string, string[]]>([
    ['FROM scratch AS Base', ["1 StageNameCasing: Stage name 'Base' should be lowercase"]],
    ['FROM scratch as base', ["1 FromAsCasing: 'as' and 'FROM' keywords' casing do not match"]],
    ['FROM scratch\nRUN a \\\n\n  b', ['4 NoEmptyContinuation: Empty continuation line']],
    [
      'FROM scratch\ncopy a b',
      ["2 ConsistentInstructionCasing: Command 'copy' should match the case of the command majority (uppercase)"],
    ],
    [
      'FROM scratch AS b\nFROM scratch AS b',
      ['2 DuplicateStageName: Duplicate stage name "b", stage names should be unique'],
    ],
    [
      'FROM scratch AS context',
      ['1 ReservedStageName: Stage name should not use the same name as reserved stage "context"'],
    ],
    [
      'FROM scratch\nCMD foo',
      [
        '2 JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
      ],
    ],
    ['FROM scratch\nSHELL ["a"]\nCMD foo', []],
    [
      'FROM scratch\nMAINTAINER me',
      ['2 MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label'],
    ],
    [
      'FROM --platform=$BULIDPLATFORM scratch',
      ["1 UndefinedArgInFrom: FROM argument 'BULIDPLATFORM' is not declared (did you mean BUILDPLATFORM?)"],
    ],
    [
      'FROM scratch\nENV DIR_ASSETS=a\nCOPY $DIR_ASSET b',
      ["3 UndefinedVar: Usage of undefined variable '$DIR_ASSET' (did you mean $DIR_ASSETS?)"],
    ],
    ['FROM scratch\nARG a\nCOPY $a b', []],
    [
      'FROM scratch\nWORKDIR a\nWORKDIR b',
      ['2 WorkdirRelativePath: Relative workdir "a" can have unexpected results if the base image changes'],
    ],
    [
      'FROM scratch\nCMD ["a"]\nCMD ["b"]',
      [
        '2 MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used',
      ],
    ],
    [
      'FROM scratch\nENV a b',
      ['2 LegacyKeyValueFormat: "ENV key=value" should be used instead of legacy "ENV key value" format'],
    ],
    [
      'FROM --platform=$TARGETPLATFORM scratch',
      [
        '1 RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
      ],
    ],
    [
      'FROM scratch\nARG API_KEY\nENV PUBLIC_KEY=x',
      ['2 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG "API_KEY")'],
    ],
    [
      'ARG IMAGE\nFROM $IMAGE',
      ['2 InvalidDefaultArgInFrom: Default value for ARG $IMAGE results in empty or invalid base image name'],
    ],
    [
      'FROM --platform=linux/arm64 scratch',
      ['1 FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value "linux/arm64"'],
    ],
    [
      'FROM scratch\nEXPOSE 80/TCP 127.0.0.1:80:80',
      [
        "2 ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'",
        "2 ExposeProtoCasing: Defined protocol '80/TCP' in EXPOSE instruction should be lowercase",
      ],
    ],
  ])('%j', (text, warnings) => {
    expect(check(text)).toEqual(warnings)
  })

  it('warns of a copy of what .dockerignore excludes', () => {
    expect(check('FROM scratch\nCOPY ./secret /x\nADD other /y', { ignore })).toEqual([
      '2 CopyIgnoredFile: Attempting to Copy file "secret" that is excluded by .dockerignore',
    ])
  })

  it('hears of the base image what it brings', () => {
    const text = 'FROM python\nCOPY x $PYTHON_HOME'
    expect(check(text, { baseConfig: () => ({ environment: ['PYTHON_HOME=/py'], shell: false }) })).toEqual([])
  })

  it('leaves out what a directive or a comment switches off, and runs what is experimental when asked', () => {
    expect(check('# check=skip=MaintainerDeprecated\nFROM scratch\nMAINTAINER me')).toEqual([])
    expect(check('FROM scratch\n# check=skip=all\nMAINTAINER me\nMAINTAINER me')).toHaveLength(1)
    expect(check('# check=experimental=all\nFROM scratch\n# this\nARG a')).toEqual([
      '4 InvalidDefinitionDescription: Comment for ARG should follow the format: `# a <description>`',
    ])
  })

  it('makes warnings an error where the file asks for it', () => {
    const { violation } = checkDockerfile(parseDockerfile('# check=error=true\nFROM scratch\nMAINTAINER me'))
    expect(violation).toBe('lint violation found for rules: MaintainerDeprecated')
  })
})
