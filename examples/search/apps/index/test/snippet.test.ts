import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { snippet } from "../src/snippet.ts"
import { queryWords } from "../src/words.ts"

/** The marked words in brackets, as in "a [supervisor] restarts". */
function marked(text: string, words: string[], length?: number): string {
  const found = snippet(text, words, length)
  let shown = ""
  let from = 0
  for (const [start, end] of found.marks) {
    shown += `${found.text.slice(from, start)}[${found.text.slice(start, end)}]`
    from = end
  }
  return shown + found.text.slice(from)
}

const filler = "lorem ipsum dolor sit amet ".repeat(40).trim()

describe("marks", () => {
  test("are put on each occurrence, in any case", () => {
    expect(marked("A Supervisor restarts; SUPERVISOR!", ["supervisor"])).toBe("A [Supervisor] restarts; [SUPERVISOR]!")
  })

  test("are put on whole words and on parts of identifiers, not on pieces of words", () => {
    expect(marked("start art Art2 part-art my_art artOf theArt smart", ["art"])).toBe(
      "start [art] Art2 part-[art] my_[art] [art]Of the[Art] smart",
    )
    expect(marked("call genServer and gen_server", ["server", "gen_server"])).toBe("call gen[Server] and [gen_server]")
  })

  test("stand right behind letters that lower case makes longer", () => {
    expect(marked("İİİ Server", ["server"])).toBe("İİİ [Server]")
  })

  test("are put on characters of scripts without spaces", () => {
    expect(marked("一个监督者", ["监", "督"])).toBe("一个[监][督]者")
  })
})

describe("the passage", () => {
  test("is the one with most different words", () => {
    const text = `alpha alpha alpha ${filler} alpha and beta ${filler} beta`
    expect(marked(text, ["alpha", "beta"], 60)).toContain("[alpha] and [beta]")
  })

  test("is cut between words, with an ellipsis where it was cut", () => {
    expect(marked(`${filler} needle ${filler}`, ["needle"], 40)).toBe("… sit amet [needle] lorem ipsum dolor sit …")
  })

  test("is the start of the text when no word occurs in it, and empty for an empty text", () => {
    expect(marked(filler, ["needle"], 20)).toBe("lorem ipsum dolor …")
    expect(snippet("", ["needle"])).toEqual({ text: "", marks: [] })
  })

  test("is one line", () => {
    expect(marked("one\n\ttwo\nthree", ["three"])).toBe("one  two [three]")
  })

  test("of a text without spaces is cut all the same, not inside a character", () => {
    const found = snippet("😀".repeat(300), [], 21)
    expect(found.text).toBe(`${"😀".repeat(10)} …`)
  })

  test("of a text that is one word ten thousand times is found at once", () => {
    expect(snippet("a ".repeat(100_000), ["a"], 100).marks).toHaveLength(50)
  })
})

test("for any text and question: bounded, and each mark is a word of the question as written", () => {
  const alphabet = fc.constantFrom("a", "B", "İ", "é", "_", " ", "\n", "😀", "监", "1", "-")
  const text = fc.array(alphabet, { maxLength: 300 }).map((characters) => characters.join(""))
  fc.assert(
    fc.property(
      text,
      fc.array(text, { maxLength: 3 }),
      fc.integer({ min: 1, max: 80 }),
      (document, question, length) => {
        const words = queryWords(question)
        const found = snippet(document, words, length)
        expect(found.text.length).toBeLessThanOrEqual(Math.max(length, 64) + 4)
        let from = 0
        for (const [start, end] of found.marks) {
          expect(start).toBeGreaterThanOrEqual(from)
          expect(words).toContain(found.text.slice(start, end).replace(/[A-Z]/g, (letter) => letter.toLowerCase()))
          from = end
        }
        const inner = found.text.replace(/^… | …$/g, "")
        expect(document.replace(/\s/g, " ")).toContain(inner)
      },
    ),
    { numRuns: 500 },
  )
})
