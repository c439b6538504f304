# Reads what the tests of `make attacks` print, shows it, and counts which properties hold.

{ print }

$1 == "test" && $2 ~ /(^|::)attacks::/ {
    split(substr($2, index($2, "attacks::")), path, "::")
    properties[path[2]]++
    if ($NF == "ok") held[path[2]]++
}

END {
    print "properties that hold under attack:"
    for (topic in properties) {
        printf "  %-16s %3d of %3d\n", topic, held[topic], properties[topic]
        all += properties[topic]
        good += held[topic]
    }
    printf "  %-16s %3d of %3d\n", "all", good, all
    exit (good == 0 || good < all)
}
