"""Names for flow runs that nobody named: an adjective and an animal, such as ``crafty-otter``.

Source: backend.md §6.6.
"""

from __future__ import annotations

import os

#: Words that go with every animal without offending anybody.
ADJECTIVES = (
    "able agile airy alert amber ample apt arctic autumn avid balmy blithe bold bouncy brave breezy bright brisk bubbly"
    " calm candid caring cheerful chipper civil clear clever coastal cosmic cozy crafty crisp curious dapper daring"
    " dashing deft dreamy eager early earnest easy elegant epic fair fancy feathered fluent fluffy fond frank free fresh"
    " friendly frosty gallant generous gentle giddy gifted glad gleaming golden graceful grand happy hardy hearty helpful"
    " honest hopeful humble ideal jaunty jolly jovial joyful keen kind lively lofty loyal lucky lunar lush magic mellow"
    " merry mighty mindful misty modest neat nimble noble patient placid playful plucky polite prompt proud quick quiet"
    " radiant rapid rosy serene shiny silver sleek smart snowy solar sparkling spry steady stellar sunny swift thrifty"
    " tidy tranquil upbeat vivid warm wise witty zesty"
).split()

#: Animals that nobody is called by.
ANIMALS = (
    "albatross alpaca antelope armadillo auk axolotl badger barracuda bat beaver bee beetle bison bittern bobcat bonobo"
    " buffalo bunting butterfly camel capybara caribou cassowary cheetah chinchilla chipmunk cicada condor coral cormorant"
    " coyote crane cricket curlew deer dingo dolphin dormouse dove dragonfly duck eagle egret eland elk emu falcon ferret"
    " finch firefly flamingo fox gannet gazelle gecko gerbil gibbon giraffe goldfinch goose gopher grebe grouse guanaco gull"
    " hamster hare hawk hedgehog heron hornbill hummingbird ibex ibis iguana impala jackdaw jaguar jay kestrel kingfisher"
    " kiwi koala kookaburra lapwing lark lemur leopard limpet lion llama lobster loon lynx macaw magpie mallard manatee"
    " marmot marten meerkat mole mongoose moose moth narwhal newt nightingale ocelot okapi opossum oriole osprey otter owl"
    " panda panther partridge pelican penguin petrel pheasant plover pony porpoise puffin puma quail quokka rabbit raccoon"
    " raven reindeer robin salmon sandpiper seahorse seal serval skylark sparrow starling stork swallow swan swift tapir"
    " teal tern thrush tiger tortoise toucan turtle vicuna vole wallaby walrus warbler weasel whale wombat woodpecker wren"
    " yak zebra"
).split()


def random_name() -> str:
    """Return a name; several runs may get the same."""
    return f"{_any_of(ADJECTIVES)}-{_any_of(ANIMALS)}"


def _any_of(words: list[str]) -> str:
    # The module random would cost every command that creates a run some milliseconds of start-up.
    return words[int.from_bytes(os.urandom(4), "big") % len(words)]
